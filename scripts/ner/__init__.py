"""Parts of ``scripts/train_ner.py``: data, model, training, scoring, export, model card."""
