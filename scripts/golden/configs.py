"""What Keras writes of every class that luge has, too, with the defaults or the least that it needs."""

import inspect

import keras

SIZES = {
    "pool_size": 2,
    "filters": 2,
    "kernel_size": 2,
    "units": 2,
    "rate": 0.25,
    "stddev": 0.5,
    "factor": 0.25,
    "height_factor": 0.25,
    "width_factor": 0.25,
    "scale": 2.0,
    "n": 3,
    "dims": [2, 1],
    "axes": 1,
    "target_shape": [2, 2],
    "input_dim": 5,
    "output_dim": 2,
    "num_heads": 2,
    "key_dim": 3,
    "activation": "relu",
    "cropping": 1,
    "initial_learning_rate": 0.1,
    "decay_steps": 10,
    "first_decay_steps": 10,
    "decay_rate": 0.5,
    "boundaries": [1, 2],
    "values": [0.3, 0.2, 0.1],
    "num_classes": 3,
    "target_class_ids": [1],
}

NAMES = {
    "layers": """
        Activation ActivityRegularization Add AdditiveAttention AlphaDropout Attention Average
        AveragePooling1D AveragePooling2D AveragePooling3D BatchNormalization Concatenate Conv1D
        Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose Cropping1D Cropping2D Cropping3D
        Dense DepthwiseConv1D DepthwiseConv2D Dot Dropout ELU Embedding Flatten GRU GaussianDropout
        GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
        GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization LSTM
        LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum
        MultiHeadAttention Multiply PReLU Permute RMSNormalization RandomBrightness RandomContrast
        RandomFlip RandomRotation RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling
        Reshape SeparableConv1D SeparableConv2D SimpleRNN Softmax SpatialDropout1D SpatialDropout2D
        SpatialDropout3D Subtract UnitNormalization UpSampling1D UpSampling2D UpSampling3D
        ZeroPadding1D ZeroPadding2D ZeroPadding3D
    """,
    "initializers": """
        Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones
        Orthogonal RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros
    """,
    "regularizers": "L1 L2 L1L2 OrthogonalRegularizer",
    "constraints": "MaxNorm MinMaxNorm NonNeg UnitNorm",
    "losses": """
        BinaryCrossentropy BinaryFocalCrossentropy CategoricalCrossentropy CategoricalFocalCrossentropy
        CategoricalHinge CosineSimilarity Hinge Huber KLDivergence LogCosh MeanAbsoluteError
        MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson
        SparseCategoricalCrossentropy SquaredHinge
    """,
    "metrics": """
        AUC Accuracy BinaryAccuracy BinaryCrossentropy CategoricalAccuracy CategoricalCrossentropy
        CategoricalHinge CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives Hinge
        KLDivergence LogCoshError MeanAbsoluteError MeanAbsolutePercentageError MeanIoU
        MeanSquaredError MeanSquaredLogarithmicError PearsonCorrelation Poisson Precision R2Score
        Recall RootMeanSquaredError SparseCategoricalAccuracy SparseCategoricalCrossentropy
        SparseTopKCategoricalAccuracy SquaredHinge TopKCategoricalAccuracy TrueNegatives TruePositives
    """,
    "optimizers": "Adadelta Adagrad Adam AdamW Adamax Lion Nadam RMSprop SGD",
    "schedules": """
        CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay
        PolynomialDecay
    """,
}


def make(cls):
    parameters = inspect.signature(cls.__init__).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    return cls(**{name: SIZES[name] for name in needed if name != "self"})


def module_of(kind):
    return keras.optimizers.schedules if kind == "schedules" else getattr(keras, kind)


def golden_configs():
    keras.backend.clear_session()
    keras.config.set_floatx("float32")
    return {
        kind: [keras.saving.serialize_keras_object(make(getattr(module_of(kind), n))) for n in names.split()]
        for kind, names in NAMES.items()
    }
