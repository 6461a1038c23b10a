import type { Config } from '../core/registry.js';
import { Activation } from './activations.js';
import { RecurrentLayer } from './recurrent_layer.js';
import type { GatedOptions } from './recurrent_options.js';

/** A recurrent layer whose state goes through gates: what LSTM and GRU share. */
export abstract class GatedLayer extends RecurrentLayer {
  static override className = 'GatedLayer';
  protected readonly recurrentActivation: Activation;

  constructor(options: GatedOptions, known: readonly string[]) {
    super(options, [...known, 'recurrentActivation' satisfies keyof GatedOptions]);
    const { recurrentActivation = 'sigmoid' } = options;
    this.recurrentActivation = this.named(() => new Activation(recurrentActivation));
  }

  /** Whether the activations are those that the native recurrences compute. */
  protected hasDefaultActivations(): boolean {
    return (
      this.activation.apply === new Activation('tanh').apply &&
      this.recurrentActivation.apply === new Activation('sigmoid').apply
    );
  }

  override getConfig(): Config {
    return { ...super.getConfig(), recurrent_activation: this.recurrentActivation.name };
  }
}
