// <napi.h> with what an addon in worker threads needs: a worker that is being terminated can no
// longer be thrown at, which must not end the process.
#pragma once

#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS

#include <napi.h>
