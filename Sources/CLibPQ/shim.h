// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <libpq-fe.h>

// libpq names these by character macros, which Swift does not import.
static const int TOLLGATE_DIAG_SQLSTATE = PG_DIAG_SQLSTATE;
static const int TOLLGATE_DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY;
static const int TOLLGATE_DIAG_CONSTRAINT_NAME = PG_DIAG_CONSTRAINT_NAME;
static const int TOLLGATE_DIAG_SEVERITY_NONLOCALIZED = PG_DIAG_SEVERITY_NONLOCALIZED;
