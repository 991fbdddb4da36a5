"""The server: every operation over HTTP, artifacts by digest, and the portal. The only room that knows routes.

In come requests of stock clients and of the portal, out go the same answers that the SDK gets embedded.
"""
