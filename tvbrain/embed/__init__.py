"""Text to vectors: what an embedder is, MiniLM through ONNX Runtime, and the cache of vectors by text hash."""
