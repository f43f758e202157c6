// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Metering
import Notation

/// How a file of prices is read.
struct RateFileOptions: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case tollgate, litellm
        case genAIPrices = "genai-prices"
    }

    /// The lists of others have a megabyte or two.
    private static let sizeLimit = 64 << 20

    @Option(
        help: ArgumentHelp(
            "tollgate: {\"rates\":[…]}; litellm: its model_prices_and_context_window.json; genai-prices: its data.json.",
            valueName: "format"))
    var format: Format = .tollgate

    @Option(
        help: ArgumentHelp(
            "From when the prices hold: \(PointInTime.forms). By default from now on. Not for tollgate, which says so itself.",
            valueName: "time"))
    var effectiveAt: PointInTime?

    func validate() throws {
        if format == .tollgate, effectiveAt != nil {
            throw ValidationError("--effective-at is for the lists of others: rates of ours have their effective_at.")
        }
    }

    /// - Returns: rates in the format `tollgate`, and what was left out.
    /// - Throws: `RateFileError`.
    func read(_ path: String) throws(RateFileError) -> (rates: [JSON], skipped: [FieldError]) {
        let json = try Self.json(path)
        do throws(FieldError) {
            let instant = effectiveAt?.past() ?? WallClock.now
            let imported: RateImport
            switch format {
            case .tollgate: return (try RateDraft(tollgate: json).rates.map(\.json), [])
            case .litellm: imported = try RateImport(liteLLM: json, effectiveAt: instant)
            case .genAIPrices: imported = try RateImport(genAIPrices: json, effectiveAt: instant)
            }
            guard !imported.rates.isEmpty else { throw FieldError("", "has no price that can be charged exactly") }
            return (imported.rates.map(\.json), imported.skipped)
        } catch {
            throw RateFileError(path: path, cause: "\(error)")
        }
    }

    private static func json(_ path: String) throws(RateFileError) -> JSON {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RateFileError(path: path, cause: "it cannot be read")
        }
        guard data.count <= sizeLimit else { throw RateFileError(path: path, cause: "it is larger than 64 MiB") }
        do throws(JSON.DecodingFailure) {
            return try JSON(bytes: [UInt8](data))
        } catch {
            throw RateFileError(path: path, cause: "\(error)")
        }
    }
}
