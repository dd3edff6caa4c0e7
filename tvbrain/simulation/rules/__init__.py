"""What people do, by rules that anybody can read. Nothing here knows how the brain learns (an import contract)."""
