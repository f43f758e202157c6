// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Real faults of real processes, one at a time. To run one: `scripts/test --faults --filter <a word of its name>`
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["TOLLGATE_FAULTS"] != nil, "not asked for"))
enum FaultTests {}
