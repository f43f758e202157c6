// SPDX-License-Identifier: Apache-2.0

import Notation

/// JSON for people, safe to print: indented, keys sorted.
package enum PrettyJSON {
    package static func text(_ value: JSON) -> String { TerminalSafe.json(value.indented) }
}
