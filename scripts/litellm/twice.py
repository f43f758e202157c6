# SPDX-License-Identifier: Apache-2.0
"""What LiteLLM itself sometimes does, by force: reports every success to Tollgate's gate once more, and refuses a call by a
limit of its own after the gate has passed it."""

import json

import litellm
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy.common_utils.proxy_rate_limit_error import ProxyRateLimitError


class Twice(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        if data["model"] in json.loads(data["messages"][-1]["content"]).get("limited", []):
            raise ProxyRateLimitError("the trial's limit")

    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        for callback in list(litellm.callbacks):
            if type(callback).__name__ == "Gate":
                await callback.async_log_success_event(kwargs, response_obj, start_time, end_time)
                metadata = kwargs["standard_logging_object"]["metadata"]
                print("the trial's second report", metadata["user_api_key_hash"], flush=True)


twice = Twice()
