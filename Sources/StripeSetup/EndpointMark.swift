// SPDX-License-Identifier: Apache-2.0

/// What `setup` notes in an endpoint's metadata: what Stripe does not show of it otherwise.
enum EndpointMark {
    static let kind = "tollgate-kind"
    static let account = "account"
    static let connect = "connect"

    static let state = "tollgate-state"
    static let current = "current"
    static let prepared = "prepared"

    static let setup = "tollgate-setup"
}
