import Glibc

exit(ProcessEntry.run())
