import Glibc

exit(ProcessEntry.run().rawValue)
