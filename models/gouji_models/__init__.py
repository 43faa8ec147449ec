"""Weights of the networks gouji uses, with their cards, hashes and where each one comes from."""

from __future__ import annotations

from gouji_models.registry import CARDS, Card, ModelMissingError, card, weights

__all__ = ["CARDS", "Card", "ModelMissingError", "card", "weights"]
