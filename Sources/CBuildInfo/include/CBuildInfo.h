// SPDX-License-Identifier: Apache-2.0
#ifndef TOLLGATE_BUILD_INFO_H
#define TOLLGATE_BUILD_INFO_H

/// The commit that this program was built from, as TOLLGATE_COMMIT named it at the build; empty where nobody did.
const char *tollgate_commit(void);

#endif
