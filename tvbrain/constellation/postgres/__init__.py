"""The production back end: PostgreSQL for what is kept, NATS JetStream for the stream. Several nodes may share them."""
