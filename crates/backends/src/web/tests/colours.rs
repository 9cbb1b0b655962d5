//! The colours of the page in light and in dark.

/// The relative luminance of `#rrggbb`, by the Web Content Accessibility Guidelines.
fn luminance(color: &str) -> f64 {
    let channel = |start| {
        let value = u8::from_str_radix(&color[start..start + 2], 16).unwrap();
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

/// The colours of the theme by this name: in light and in dark.
fn theme(name: &str) -> [&'static str; 2] {
    let theme = super::super::assets::content("style/theme.css").unwrap();
    let (_, rest) = theme.split_once(&format!("--{name}: light-dark(")).unwrap();
    let (colors, _) = rest.split_once(')').unwrap();
    let (light, dark) = colors.split_once(", ").unwrap();
    [light, dark]
}

#[test]
fn text_can_be_read_on_each_ground_in_light_and_in_dark() {
    let texts = [
        "text", "muted", "accent", "green", "yellow", "orange", "red", "blue", "purple",
    ];
    for (text, ground) in texts.iter().flat_map(|text| {
        let grounds = ["page", "surface", "raised", "hover", "on-color"];
        // Text has no other text as its ground.
        let grounds = grounds
            .into_iter()
            .filter(|ground| !["text", "muted"].contains(text) || *ground != "on-color");
        grounds.map(move |ground| (text, ground))
    }) {
        for (text, ground) in theme(text).into_iter().zip(theme(ground)) {
            let mut both = [luminance(text), luminance(ground)];
            both.sort_by(f64::total_cmp);
            let contrast = (both[1] + 0.05) / (both[0] + 0.05);
            assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
        }
    }
}
