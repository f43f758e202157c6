// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Real processes, broken for real, one at a time. One alone: `scripts/test --faults --filter <a word of its name>`
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["TOLLGATE_FAULTS"] != nil, "not asked for"))
enum FaultTests {}
