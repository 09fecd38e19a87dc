"""Label Studio: payloads, conversion, client, embedded server."""
