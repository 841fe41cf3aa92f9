switch CommandLine.arguments.dropFirst().first {
case "lateness": try BareLoop.measure()
case "ending": try Ending.measure()
case "journal": try JournalSize.measure()
case "sizing": try SizingSweep.measure()
default: try HotPath.measure()
}
