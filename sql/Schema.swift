// SPDX-License-Identifier: Apache-2.0

/// The schema `tollgate`, embedded in the program.
package enum Schema {
    /// Every file of this folder, in order.
    package static let migrations = [
        Migration(version: 1, name: "V001_events", bytes: PackageResources.V001_events_sql),
        Migration(version: 2, name: "V002_billing", bytes: PackageResources.V002_billing_sql),
        Migration(version: 3, name: "V003_access", bytes: PackageResources.V003_access_sql),
        Migration(version: 4, name: "V004_api_keys", bytes: PackageResources.V004_api_keys_sql),
        Migration(version: 5, name: "V005_ledger_keeps_entries", bytes: PackageResources.V005_ledger_keeps_entries_sql),
        Migration(version: 6, name: "V006_access_feed", bytes: PackageResources.V006_access_feed_sql),
        Migration(version: 7, name: "V007_spending", bytes: PackageResources.V007_spending_sql),
        Migration(version: 8, name: "V008_lapsed_credits", bytes: PackageResources.V008_lapsed_credits_sql),
        Migration(version: 9, name: "V009_spending_is_quicker", bytes: PackageResources.V009_spending_is_quicker_sql),
        Migration(
            version: 10, name: "V010_lapses_are_checked_again",
            bytes: PackageResources.V010_lapses_are_checked_again_sql),
        Migration(version: 11, name: "V011_event_source", bytes: PackageResources.V011_event_source_sql),
        Migration(version: 12, name: "V012_stripe_listings", bytes: PackageResources.V012_stripe_listings_sql),
        Migration(version: 13, name: "V013_stripe_fetches", bytes: PackageResources.V013_stripe_fetches_sql),
        Migration(version: 14, name: "V014_rates", bytes: PackageResources.V014_rates_sql),
        Migration(version: 15, name: "V015_plans", bytes: PackageResources.V015_plans_sql),
        Migration(version: 16, name: "V016_usage", bytes: PackageResources.V016_usage_sql),
    ]
}
