#pragma once

/// Heap allocations of the calling thread so far: calls of malloc, calloc, realloc and their aligned kin, from any library
/// of the process. -1 where they are not counted, as under a sanitizer, which has an allocator of its own.
long allocation_count(void);
