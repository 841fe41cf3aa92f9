#ifndef CBUILD_H
#define CBUILD_H

/// The revision that `Package.swift` was told when this was built (`SHARDMETER_REVISION`); empty when it was not told.
const char *shardmeter_build_revision(void);

#endif
