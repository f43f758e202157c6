import Spool

extension Spool {
    /// - Throws: `ConfigurationError`: what keeps a spool from being opened is mended where its directory is named.
    static func open(configured directory: String, limit: Int) throws(ConfigurationError) -> Spool {
        do {
            return try open(directory: directory, limit: limit)
        } catch {
            throw ConfigurationError(variable: "TOLLGATE_SPOOL_DIR", reason: "\(error)")
        }
    }
}
