// SPDX-License-Identifier: Apache-2.0

import Notation
import Testing

@testable import Stripe

/// The receiver's answer to the forms of the header on which Stripe's SDKs disagree.
@Suite struct SignatureTests {
    typealias Samples = SignatureSamples

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let header: String?
        /// The code of the refusal; nil: accepted.
        let refusal: String?

        init(_ name: String, _ header: String?, _ refusal: String? = nil) {
            testDescription = name
            self.header = header
            self.refusal = refusal
        }
    }

    static let t = Samples.t
    static let good = "v1=\(Samples.good)"
    static let bad = "v1=\(Samples.bad)"
    static let hex = Samples.good
    static let missing = "missing_signature"
    static let malformed = "malformed_signature"
    static let mismatch = "signature_mismatch"
    static let late = "timestamp_outside_tolerance"

    static let accepted = [
        Row("a timestamp and a good signature", "\(t),\(good)"),
        Row("a good signature before a bad one", "\(t),\(good),\(bad)"),
        Row("a bad signature before a good one", "\(t),\(bad),\(good)"),
        Row("a good signature between bad ones", "\(t),\(bad),\(good),\(bad)"),
        Row("the good signature twice", "\(t),\(good),\(good)"),
        Row("a signature that is no hex beside a good one", "\(t),v1=nothex,\(good)"),
        Row("64 letters that are no hex beside a good one", "\(t),v1=\(String(repeating: "z", count: 64)),\(good)"),
        Row("a signature before the timestamp", "\(good),\(t)"),
        Row("the timestamp between signatures", "\(bad),\(t),\(good)"),
        Row("an unknown element in front", "k=v,\(t),\(good)"),
        Row("an unknown element at the end", "\(t),\(good),k=v"),
        Row("an empty signature beside a good one", "\(t),v1=,\(good)"),
        Row("a comma at the end", "\(t),\(good),"),
        Row("a comma in front", ",\(t),\(good)"),
        Row("commas in a row", "\(t),,,\(good)"),
        Row("an element without an equals sign", "\(t),word,\(good)"),
        Row("a t without an equals sign beside the real one", "t,\(t),\(good)"),
        Row("a v1 without an equals sign beside the real one", "\(t),v1,\(good)"),
        Row("an element with two equals signs", "\(t),a=b=c,\(good)"),
        Row("an element without a key", "\(t),=x,\(good)"),
        Row("the fake scheme of test events", "\(t),\(good),v0=\(Samples.bad)"),
        Row("a space after the comma", "\(t), \(good)"),
        Row("a tab after the comma", "\(t),\t\(good)"),
        Row("spaces and tabs after each comma", "\(t), \t \(bad),\t \(good)"),
        Row("a space in front of the timestamp", " \(t),\(good)"),
        Row("upper-case hex digits", "\(t),v1=\(hex.uppercased())"),
        Row("hex digits of both cases", "\(t),v1=\(hex.prefix(32).uppercased())\(hex.suffix(32))"),
        Row("a lower-case and an upper-case copy", "\(t),v1=\(hex.uppercased()),\(good)"),
        Row("an upper-case T beside the real timestamp", "T=1,\(t),\(good)"),
        Row("letters of other scripts in an unknown element", "schlüssel=ß,\(t),\(good),🔑=🔒"),
        Row("a NUL in an unknown element", "k=\0,\(t),\(good)"),
        Row(
            "a good signature after 5,000 bad ones",
            "\(t),\(Array(repeating: bad, count: 5000).joined(separator: ",")),\(good)"
        ),
    ]

    static let refused = [
        Row("no header", nil, missing),
        Row("an empty header", "", missing),
        Row("a header of spaces and tabs", " \t ", missing),

        Row("a comma alone", ",", malformed),
        Row("a word", "signature", malformed),
        Row("v0 only", "\(t),v0=\(hex)", malformed),
        Row("v2 only", "\(t),v2=\(hex)", malformed),
        Row("an upper-case T", "T=1700000000,\(good)", malformed),
        Row("an upper-case V1", "\(t),V1=\(hex)", malformed),
        Row("both keys in upper case", "T=1700000000,V1=\(hex)", malformed),
        Row("v1 longer by a digit", "\(t),v11=\(hex)", malformed),
        Row("a space before the equals sign of v1", "\(t),v1 =\(hex)", malformed),
        Row("a space before the equals sign of t", "t =1700000000,\(good)", malformed),
        Row("a space within the key", "\(t),v 1=\(hex)", malformed),
        Row("a no-break space after the comma", "\(t),\u{A0}\(good)", malformed),
        Row("full-width key", "\(t),ｖ１=\(hex)", malformed),
        Row("no timestamp", good, malformed),
        Row("an empty timestamp", "t=,\(good)", malformed),
        Row("an empty timestamp at the end", "\(good),t=", malformed),
        Row("a timestamp only", t, malformed),
        Row("a timestamp and a comma", "\(t),", malformed),
        Row("a v1 without an equals sign only", "\(t),v1", malformed),
        Row("a semicolon as separator", "\(t);\(good)", malformed),
        Row("a space as separator", "\(t) \(good)", malformed),
        Row("a line feed as separator", "\(t)\n\(good)", malformed),
        Row("two equal timestamps", "\(t),\(t),\(good)", malformed),
        Row("another timestamp in front", "t=1700000001,\(t),\(good)", malformed),
        Row("another timestamp at the end", "\(t),\(good),t=1700000001", malformed),
        Row("an empty timestamp beside the real one", "\(t),t=,\(good)", malformed),
        Row("an empty timestamp before the real one", "t=,\(t),\(good)", malformed),
        Row("two timestamps of which one follows a space", "\(t), t=1,\(good)", malformed),

        Row("a bad signature", "\(t),\(bad)", mismatch),
        Row("bad signatures only", "\(t),\(bad),\(bad),\(bad)", mismatch),
        Row("an empty signature only", "\(t),v1=", mismatch),
        Row("a signature of 62 digits", "\(t),v1=\(hex.prefix(62))", mismatch),
        Row("a signature of 63 digits", "\(t),v1=\(hex.prefix(63))", mismatch),
        Row("a signature of 65 digits", "\(t),\(good)0", mismatch),
        Row("a signature of 66 digits", "\(t),\(good)00", mismatch),
        Row("the signature twice in a row", "\(t),\(good)\(hex)", mismatch),
        Row("an equals sign and more after the signature", "\(t),\(good)=x", mismatch),
        Row("an equals sign after the signature", "\(t),\(good)=", mismatch),
        Row("two equals signs before the signature", "\(t),v1==\(hex)", mismatch),
        Row("a space after the signature", "\(t),\(good) ", mismatch),
        Row("a space after the signature, before a comma", "\(t),\(good) ,", mismatch),
        Row("a space before the signature", "\(t),v1= \(hex)", mismatch),
        Row("a space in place of the last digit", "\(t),v1=\(hex.prefix(63)) ", mismatch),
        Row("a space within the signature", "\(t),v1=\(hex.prefix(32)) \(hex.suffix(32))", mismatch),
        Row("a tab after the signature", "\(t),\(good)\t", mismatch),
        Row("a NUL after the signature", "\(t),\(good)\0", mismatch),
        Row("a line feed after the signature", "\(t),\(good)\n", mismatch),
        Row("quotes around the signature", "\(t),v1=\"\(hex)\"", mismatch),
        Row("0x before the signature", "\(t),v1=0x\(hex)", mismatch),
        Row("the good signature as v0 beside a bad v1", "\(t),v0=\(hex),\(bad)", mismatch),
        Row("full-width digits in the signature", "\(t),v1=\(hex.prefix(63))６", mismatch),
        Row("another timestamp than the signed one", "t=1700000001,\(good)", mismatch),
        Row("a zero before the signed timestamp", "t=01700000000,\(good)", mismatch),
        Row("a wrong signature long ago", "t=1,\(bad)", mismatch),
        Row("a wrong signature in the far future", "t=9999999999999999999,\(bad)", mismatch),
        Row("5,000 bad signatures", "\(t),\(Array(repeating: bad, count: 5000).joined(separator: ","))", mismatch),
    ]

    @Test("is accepted", arguments: accepted)
    func isAccepted(_ row: Row) throws {
        #expect(try Samples.refusal(row.header) == nil)
    }

    @Test("is refused", arguments: refused)
    func isRefused(_ row: Row) throws {
        #expect(try Samples.refusal(row.header) == row.refusal)
    }

    /// Each is validly signed as written: only its form is wrong.
    @Test(
        "a timestamp that is not 1 to 19 ASCII digits is malformed, however well it is signed",
        arguments: [
            "+1700000000", "-1700000000", "1700000000.0", "1700000000.", "1.7e9", "1700000000x", "x1700000000",
            "0x6553f100", "6553f100", "1_700_000_000", " 1700000000", "1700000000 ", "1700000000\t", "17000 00000",
            "１７００００００００", "١٧٠٠٠٠٠٠٠٠", "1700000000=", "=1700000000", "1700000000\0", "\u{FEFF}1700000000",
            "17000000000000000000", "00000000001700000000", "99999999999999999999", "", " ", "now",
        ]
    )
    func timestampOfOtherForm(_ timestamp: String) throws {
        #expect(try Samples.refusal(Samples.signed(timestamp: timestamp)) == Self.malformed)
    }

    @Test("the signed bytes are the timestamp as written, leading zeros included")
    func timestampAsWritten() throws {
        // Computed with Python over b"0001700000000.".
        let header = "t=0001700000000,v1=41fff9ce1b50785f7ba84e0141d802a9f3b07158a493a6873e5df81d3e41bbce"
        #expect(try Samples.refusal(header) == nil)
        #expect(try Samples.refusal(Samples.signed(timestamp: "0000000001700000000")) == nil)
    }

    struct Age: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let timestamp: String
        let receipt: Timestamp
        let refusal: String?

        init(_ name: String, _ timestamp: Int64, microseconds: Int64 = 0, refusal: String? = nil) {
            testDescription = name
            self.timestamp = String(timestamp)
            receipt = Timestamp(microseconds: Samples.now.microseconds + microseconds)
            self.refusal = refusal
        }
    }

    @Test(
        "a signature's time must lie within the tolerance of the receipt, to either side",
        arguments: [
            Age("signed at the receipt", 1_700_000_000),
            Age("exactly the tolerance ago", 1_700_000_000 - 300),
            Age("a microsecond more than the tolerance ago", 1_700_000_000 - 300, microseconds: 1, refusal: late),
            Age("a second more than the tolerance ago", 1_700_000_000 - 301, refusal: late),
            Age("exactly the tolerance ahead", 1_700_000_000 + 300),
            Age("a microsecond more than the tolerance ahead", 1_700_000_000 + 300, microseconds: -1, refusal: late),
            Age("a second more than the tolerance ahead", 1_700_000_000 + 301, refusal: late),
            Age("at the epoch", 0, refusal: late),
            Age("in milliseconds", 1_700_000_000_000, refusal: late),
            Age("at the last second of 64 bits", .max, refusal: late),
        ]
    )
    func age(_ age: Age) throws {
        #expect(try Samples.refusal(Samples.signed(timestamp: age.timestamp), at: age.receipt) == age.refusal)
    }

    @Test("a rightly signed timestamp beyond 64 bits is outside the tolerance")
    func timestampBeyondInt64() throws {
        let header = try Samples.signed(timestamp: "9999999999999999999")
        #expect(try Samples.refusal(header) == Self.late)
        #expect(try Samples.refusal(header, at: Timestamp(seconds: -1_700_000_000)) == Self.late)
    }

    @Test("the refusal names age and tolerance", arguments: [(-400, 400), (400, -400)] as [(Int64, Int64)])
    func refusalNamesAge(offset: Int64, age: Int64) throws {
        let header = try Samples.signed(timestamp: String(Samples.seconds + offset))
        #expect(throws: SignatureError.timestampOutsideTolerance(age: age, tolerance: 300)) {
            try Samples.verifier().verify(header: header, body: Samples.body, at: Samples.now)
        }
    }

    @Test("no description of a refusal holds any of the signature or the secret")
    func descriptionsAreClean() throws {
        let verifier = try Samples.verifier()
        for row in Self.refused {
            do throws(SignatureError) {
                try verifier.verify(header: row.header, body: Samples.body, at: Samples.now)
                Issue.record("accepted: \(row.testDescription)")
            } catch {
                let texts = [error.description, String(reflecting: error), "\(error.code)"]
                for text in texts {
                    #expect(!text.contains(Samples.good.prefix(8)) && !text.contains(Samples.value))
                    #expect(!text.contains("\n"))
                }
            }
        }
    }
}
