#include "CBuild.h"

#ifndef SHARDMETER_REVISION
#define SHARDMETER_REVISION ""
#endif

const char *shardmeter_build_revision(void) { return SHARDMETER_REVISION; }
