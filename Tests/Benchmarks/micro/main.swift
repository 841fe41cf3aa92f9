switch CommandLine.arguments.dropFirst().first {
case "lateness": try BareLoop.measure()
case "ending": try Ending.measure()
default: try HotPath.measure()
}
