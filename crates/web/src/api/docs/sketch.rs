//! A shape as people read it: JSON with what may stand in each place.

use serde_json::Value;

/// Levels that are drawn; no shape of ours is deeper.
const DEEPEST: usize = 8;

/// Draws the shape of this name.
pub fn of(document: &Value, name: &str) -> String {
    let mut text = String::new();
    draw(document, &reference_to(name), 0, &mut text);
    text
}

fn reference_to(name: &str) -> Value {
    serde_json::json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn draw(document: &Value, schema: &Value, depth: usize, text: &mut String) {
    if depth > DEEPEST {
        text.push('…');
        return;
    }
    if let Some(pointer) = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) {
        return draw(document, document.pointer(pointer).unwrap_or(&Value::Null), depth, text);
    }
    if let Some(Value::Array(words)) = schema.get("enum") {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        return text.push_str(&words.join(" | "));
    }
    if let Some(Value::Array(either)) = schema.get("oneOf") {
        for (index, schema) in either.iter().enumerate() {
            if index > 0 {
                text.push_str(" | ");
            }
            draw(document, schema, depth, text);
        }
        return;
    }
    let (kind, nullable) = kind_of(schema);
    match kind {
        "object" => object(document, schema, depth, text),
        "array" => {
            text.push_str("[ ");
            draw(document, schema.get("items").unwrap_or(&Value::Null), depth, text);
            text.push_str(", … ]");
        }
        "string" => text.push_str(match schema.get("format").and_then(Value::as_str) {
            Some("date-time") => "time",
            Some("date") => "date",
            _ => "text",
        }),
        "boolean" => text.push_str("true | false"),
        "integer" => text.push_str("number"),
        other => text.push_str(other),
    }
    if nullable {
        text.push_str(" | null");
    }
}

/// The type that a schema names, and whether null is one too.
fn kind_of(schema: &Value) -> (&str, bool) {
    match schema.get("type") {
        Some(Value::String(kind)) => (kind, false),
        Some(Value::Array(kinds)) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            let kind = kinds.iter().find(|kind| **kind != "null").copied().unwrap_or("null");
            (kind, kinds.contains(&"null"))
        }
        _ => ("anything", false),
    }
}

fn object(document: &Value, schema: &Value, depth: usize, text: &mut String) {
    let none = Vec::new();
    let required = schema.get("required").and_then(Value::as_array).unwrap_or(&none);
    let inner = "  ".repeat(depth + 1);
    text.push_str("{\n");
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let mark = if required.iter().any(|key| key == name) { "" } else { "?" };
        for part in [&inner, "\"", name, "\"", mark, ": "] {
            text.push_str(part);
        }
        draw(document, member, depth + 1, text);
        text.push('\n');
    }
    text.push_str(&"  ".repeat(depth));
    text.push('}');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_shape_reads_like_the_json_it_stands_for() {
        let document = json!({ "components": { "schemas": {
            "Word": { "type": "string", "enum": ["a", "b"] },
            "Thing": { "type": "object", "required": ["at"], "properties": {
                "at": { "type": "string", "format": "date-time" },
                "words": { "type": "array", "items": { "$ref": "#/components/schemas/Word" } },
                "gone": { "type": ["boolean", "null"] },
            } },
        } } });
        assert_eq!(
            of(&document, "Thing"),
            "{\n  \"at\": time\n  \"gone\"?: true | false | null\n  \"words\"?: [ \"a\" | \"b\", … ]\n}"
        );
    }
}
