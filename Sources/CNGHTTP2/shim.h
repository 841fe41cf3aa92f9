#ifndef SHARDMETER_CNGHTTP2_H
#define SHARDMETER_CNGHTTP2_H

#if !__has_include(<nghttp2/nghttp2.h>)
#error "nghttp2's headers are missing; please run: sudo apt-get install -y --no-install-recommends libnghttp2-dev"
#endif

#include <nghttp2/nghttp2.h>

#endif
