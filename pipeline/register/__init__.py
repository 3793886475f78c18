"""The register: `from pipeline.register import Register`."""

from pipeline.register.store import Register

__all__ = ["Register"]
