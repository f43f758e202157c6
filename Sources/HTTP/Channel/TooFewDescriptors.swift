// SPDX-License-Identifier: Apache-2.0

/// The system lets this process open so few files that it would die of it sooner or later.
package struct TooFewDescriptors: Error, Hashable, CustomStringConvertible {
    package let limit: Int

    package var description: String {
        "this process may open only \(limit) files, and needs \(Descriptors.minimum): raise ulimit -n, or LimitNOFILE of "
            + "its systemd unit"
    }
}
