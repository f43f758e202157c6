/// What became of a request to replay an event.
package enum ReplayResult: Sendable {
    case queued, unknown, pending, pruned
}
