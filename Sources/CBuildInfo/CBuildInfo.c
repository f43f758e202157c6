// SPDX-License-Identifier: Apache-2.0
#include "CBuildInfo.h"

#ifndef TOLLGATE_COMMIT
#define TOLLGATE_COMMIT ""
#endif

const char *tollgate_commit(void) { return TOLLGATE_COMMIT; }
