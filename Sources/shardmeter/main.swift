import Glibc

exit(Int32(ProcessEntry.run().rawValue))
