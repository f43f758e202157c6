// SPDX-License-Identifier: Apache-2.0

import API
import ArgumentParser

struct PurchasesAssignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign",
        abstract: "Say whose a guest's purchase is, or how many credits a purchase buys.",
        discussion: """
            The purchase itself is credited, once: an event that links the payment to a customer later changes nothing, \
            and a refund takes the credits back from this customer. Your word stands above what Stripe's objects say \
            later; a purchase that they already say is another customer's is not given away. Repeating the command \
            changes nothing. With another --customer it corrects your word: the purchase and its credits are taken from \
            the one you named before, and the answer says so (taken_from).
            """
    )

    @OptionGroup var purchase: PurchaseArgument

    @Option(help: ArgumentHelp("Whose it is.", valueName: "cus_…"))
    var customer: String

    @Option(
        help: ArgumentHelp(
            "How many credits it buys, where nothing readable at Stripe says so.", valueName: "number"))
    var credits: Int64?

    @Option(help: ArgumentHelp("Why, for the ledger and the timeline.", valueName: "text"))
    var reason: String

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard CustomersAPI.Path.form.content.customer.admits(customer) else {
            throw ValidationError("--customer \"\(customer)\" is no customer id, such as \"cus_1A2b3C\".")
        }
        if let credits, credits < 1 { throw ValidationError("--credits \(credits) is below 1.") }
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is empty.") }
    }

    func run() async throws {
        try await connection.withService { service in
            let assignment = Object<PurchasesAPI.AssignmentRequest> {
                $0.customer = customer
                $0.credits = credits
                $0.reason = reason
            }
            let answer = try await service.call(PurchasesAPI.assign, body: assignment) { $0.object = purchase.id }
            connection.show(answer, as: PurchaseReport.show)
        }
    }
}
