if CommandLine.arguments.dropFirst().first == "lateness" {
  try BareLoop.measure()
} else {
  try HotPath.measure()
}
