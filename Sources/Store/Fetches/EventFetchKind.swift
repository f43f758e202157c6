// SPDX-License-Identifier: Apache-2.0

/// What has to be asked of Stripe before an event can be read in full.
package enum EventFetchKind: String, Sendable, CaseIterable {
    /// All lines of its invoice or Checkout session.
    case lines
    /// What a thin event is about.
    case thin
}
