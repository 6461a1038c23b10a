# Sources and flags are listed once, in CMakeLists.txt.
{
  "variables": {"portable%": "OFF"},
  "targets": [
    {
      "target_name": "luge",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "message": "Building luge with CMake",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["<(PRODUCT_DIR)/luge.node"],
          "action": [
            "npx", "--no-install", "cmake-js", "build",
            "--CDLUGE_TESTS=OFF", "--CDLUGE_PORTABLE=<(portable)",
          ],
        }
      ],
    }
  ]
}
