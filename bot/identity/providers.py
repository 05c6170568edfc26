"""The providers that a service works with."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.identity.base import IdentityProvider


@dataclass(frozen=True, slots=True)
class Providers:
    """`usual` is for whoever does not ask for the way `without_face`; a try ends with whom it began."""

    usual: IdentityProvider
    without_face: IdentityProvider

    @property
    def by_name(self) -> Mapping[str, IdentityProvider]:
        return {provider.name: provider for provider in (self.usual, self.without_face)}
