// SPDX-License-Identifier: Apache-2.0

/// The schema `tollgate`, embedded in the program.
package enum Schema {
    /// Every file of this folder, in order.
    package static let migrations = [
        Migration(version: 1, name: "V001_inbox", bytes: PackageResources.V001_inbox_sql),
        Migration(version: 2, name: "V002_account", bytes: PackageResources.V002_account_sql),
        Migration(version: 3, name: "V003_api_access", bytes: PackageResources.V003_api_access_sql),
        Migration(version: 4, name: "V004_replay", bytes: PackageResources.V004_replay_sql),
        Migration(version: 5, name: "V005_suspects", bytes: PackageResources.V005_suspects_sql),
        Migration(version: 6, name: "V006_lighter_rows", bytes: PackageResources.V006_lighter_rows_sql),
        Migration(version: 7, name: "V007_customer_filter", bytes: PackageResources.V007_customer_filter_sql),
        Migration(version: 8, name: "V008_attempt_of_work", bytes: PackageResources.V008_attempt_of_work_sql),
        Migration(version: 9, name: "V009_lanes", bytes: PackageResources.V009_lanes_sql),
        Migration(version: 10, name: "V010_secret_of_event", bytes: PackageResources.V010_secret_of_event_sql),
        Migration(version: 11, name: "V011_access_facts", bytes: PackageResources.V011_access_facts_sql),
        Migration(version: 12, name: "V012_dismissal", bytes: PackageResources.V012_dismissal_sql),
        Migration(
            version: 13, name: "V013_operators_questions", bytes: PackageResources.V013_operators_questions_sql),
        Migration(version: 14, name: "V014_comments", bytes: PackageResources.V014_comments_sql),
        Migration(version: 15, name: "V015_credits", bytes: PackageResources.V015_credits_sql),
        Migration(version: 16, name: "V016_maintenance", bytes: PackageResources.V016_maintenance_sql),
    ]
}
