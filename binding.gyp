# Sources and flags are listed once, in CMakeLists.txt.
{
  "targets": [
    {
      "target_name": "luge",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "message": "Building luge with CMake",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["build/Release/luge.node"],
          "action": ["npx", "cmake-js", "build", "--CDLUGE_TESTS=OFF"],
        }
      ],
    }
  ]
}
