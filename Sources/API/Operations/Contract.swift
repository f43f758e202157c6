// SPDX-License-Identifier: Apache-2.0

/// Everything that Tollgate answers over HTTP.
package enum Contract {
    /// In the order in which readers see them.
    package static let endpoints: [Endpoint] =
        WebhookAPI.endpoints + AccessAPI.endpoints + ChangesAPI.endpoints + AuthorizeAPI.endpoints + HoldsAPI.endpoints
        + DebitsAPI.endpoints + BalanceAPI.endpoints + EstimateAPI.endpoints + UsageAPI.endpoints
        + CustomerUsageAPI.endpoints + StatementsAPI.endpoints + EventsAPI.endpoints
        + ReplaysAPI.endpoints + BackfillsAPI.endpoints
        + CustomersAPI.endpoints + RefetchesAPI.endpoints + KeysAPI.endpoints + PurchasesAPI.endpoints
        + PricesAPI.endpoints + RatesAPI.endpoints + PlansAPI.endpoints + HealthAPI.endpoints

    /// What a process answers that only works, on its private listener.
    package static let ofWorker = HealthAPI.endpoints

    /// Whether another path has a fixed word where this one has a parameter: `stats` besides `{id}`.
    static func hasSegment(_ text: String, at place: Int, besides endpoint: Endpoint) -> Bool {
        endpoints.contains { other in
            let segments = other.segments
            return place < segments.count && segments[place] == text
                && segments[..<place] == endpoint.segments[..<place]
        }
    }
}
