/// Which Tollgate this is: what `tollgate --version`, the first line of the log and the metrics say.
package enum Version {
    package static let current = "0.1.0-dev"
}
