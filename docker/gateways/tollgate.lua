-- SPDX-License-Identifier: Apache-2.0
-- Asks Tollgate whether a request may pass; haproxy.cfg beside this file uses it.
local url = "http://" .. assert(os.getenv("AUTHORIZE_ADDRESS"), "AUTHORIZE_ADDRESS is not set") .. "/v1/authorize"
local token = assert(os.getenv("TOLLGATE_GATEWAY_TOKEN"), "TOLLGATE_GATEWAY_TOKEN is not set")
local timeout = 1000 -- milliseconds; HAProxy tries up to four times
local identity = {
    "tollgate-customer", "tollgate-key", "tollgate-reason", "tollgate-until", "tollgate-credits", "tollgate-version",
    "tollgate-stale",
}

-- HAProxy's lists of values begin at 0.
local function values(headers, name)
    local list = {}
    local found = headers[name]
    local i = 0
    while found and found[i] do
        list[#list + 1] = found[i]
        i = i + 1
    end
    return list
end

core.register_action("tollgate", { "http-req" }, function(txn)
    local received = txn.http:req_get_headers()
    local answer = core.httpclient():get {
        url = url,
        timeout = timeout,
        -- Of the client's request, its key and nothing else. All lines of it: which of two counts, Tollgate says.
        headers = {
            ["tollgate-gateway-token"] = { token },
            ["authorization"] = values(received, "authorization"),
            ["x-api-key"] = values(received, "x-api-key"),
        },
    }
    local status = answer and answer.status or 0
    local headers = answer and answer.headers or {}
    if status == 200 then
        for _, name in ipairs(identity) do
            txn.http:req_set_header(name, values(headers, name)[1] or "")
        end
        txn:set_var("txn.tollgate_allowed", true)
    elseif status >= 400 then
        local reply = txn:reply { status = status }
        for _, name in ipairs { "content-type", "www-authenticate", "retry-after", "cache-control" } do
            for _, value in ipairs(values(headers, name)) do reply:add_header(name, value) end
        end
        reply:set_body(answer.body or "")
        txn:done(reply)
    end
end)
