"""The colours of the demo film: one palette a chapter."""

from demo_actors import Light
from demo_sets import Palette

MORNING = Palette(
    sky=("#7CC3CF", "#CFE6D6", "#FDEBC8"),
    orb="#FFF3C4",
    orb_at=(0.44, 0.24),
    hills=("#A9CDBA", "#7DB594"),
    ground=("#4F9A6B", "#2F6B54"),
    wall=("#FBEBD0", "#E5C9A3"),
    roof="#D4593F",
    door="#8A5138",
    pane="#FFE08A",
    light=Light(tint="#FFE9C0", tint_share=0.06, rim="#FFF4D6", towards=(-0.6, 0.8), shadow="#1F4A45"),
)

STORM = Palette(
    sky=("#4A4468", "#A8758A", "#F0B27A"),
    orb="#FFD9A0",
    orb_at=(0.8, 0.62),
    hills=("#8A6580", "#5F4A6B"),
    ground=("#4A4258", "#2A2438"),
    wall=("#C7A08C", "#86647A"),
    roof="#6B3347",
    door="#432A38",
    pane="#FFC76B",
    light=Light(tint="#6B4A6B", tint_share=0.12, rim="#FFD3A0", towards=(0.8, 0.6), shadow="#1A1426"),
)

BLAZE = Palette(
    sky=("#3A0F2E", "#B02A33", "#FF8A3C"),
    orb="#FFD27A",
    orb_at=(0.5, 0.68),
    hills=("#8E2437", "#541530"),
    ground=("#2B0D22", "#140612"),
    wall=("#7A2B38", "#43142B"),
    roof="#260B1E",
    door="#1A0816",
    pane="#FFB24A",
    light=Light(tint="#FFE3B8", tint_share=0.22, rim="#FFC27A", towards=(0.2, 0.9), shadow="#0A0309"),
)

BLAZE_FLOOR = Palette(
    sky=BLAZE.sky,
    orb="#FFB45A",
    orb_at=BLAZE.orb_at,
    hills=("#8E2437", "#3A0F26"),
    ground=("#A3362F", "#5A1526"),
    wall=("#F0A25A", "#B8532F"),
    roof="#2A0B1E",
    door="#FFD9A0",
    pane="#FFB24A",
    light=Light(tint="#FFE3B8", tint_share=0.15, rim="#FFE0B0", towards=(-0.7, 0.7), shadow="#1E0512"),
)

NIGHT = Palette(
    sky=("#050A1C", "#0E2140", "#234868"),
    orb="#DCE8FF",
    orb_at=(0.3, 0.24),
    hills=("#173252", "#0F2340"),
    ground=("#0F1D33", "#060C18"),
    wall=("#0A1428", "#172A48"),
    roof="#0A1324",
    door="#1B2640",
    pane="#9CC0F5",
    light=Light(tint="#16305A", tint_share=0.42, rim="#A9CBFF", towards=(0.7, 0.7), shadow="#02050C"),
    stars=0.9,
)

NIGHT_PLAN = Palette(
    sky=NIGHT.sky,
    orb="#8FB4F0",
    orb_at=NIGHT.orb_at,
    hills=("#173252", "#16304C"),
    ground=("#14283F", "#091525"),
    wall=("#22395C", "#182A47"),
    roof="#4E6E9C",
    door="#C9DDFF",
    pane="#9CC0F5",
    light=Light(tint="#16305A", tint_share=0.2, rim="#BCD6FF", towards=(-0.7, 0.7), shadow="#02060E"),
)

FIRE_ROOM = Palette(
    sky=BLAZE.sky,
    orb="#FF7A45",
    orb_at=(0.5, 0.5),
    hills=("#541530", "#3A0F26"),
    ground=("#35101F", "#160610"),
    wall=("#2A0B1C", "#4E1526"),
    roof="#160610",
    door="#3A1020",
    pane="#FF6A3C",
    light=Light(tint="#FF7A45", tint_share=0.12, rim="#FFB184", towards=(0.9, 0.4), shadow="#0A0206"),
)

FIRE_PLAN = Palette(
    sky=BLAZE.sky,
    orb="#FF7A45",
    orb_at=(0.5, 0.5),
    hills=("#541530", "#2A0B1C"),
    ground=("#240A18", "#12040C"),
    wall=("#C4432F", "#8A2430"),
    roof="#F5D0A8",
    door="#FFE9C8",
    pane="#FF6A3C",
    light=Light(tint="#FFE3B8", tint_share=0.1, rim="#FFE0B0", towards=(-0.8, 0.6), shadow="#14030A"),
)

DAYBREAK = Palette(
    sky=("#8FA8DC", "#EBC3D6", "#FFE3C2"),
    orb="#FFF6DC",
    orb_at=(0.7, 0.42),
    hills=("#B9B4DA", "#8E9CC8"),
    ground=("#6C86A8", "#465C86"),
    wall=("#E9D3D0", "#B79CB4"),
    roof="#94607A",
    door="#6A4A62",
    pane="#FFE3A8",
    light=Light(tint="#FFDCE0", tint_share=0.1, rim="#FFF3E0", towards=(0.6, 0.8), shadow="#2C3A60"),
)

ASHES = Palette(
    sky=("#6E7686", "#9AA0A8", "#C4C0BA"),
    orb="#E6E2DA",
    orb_at=(0.5, 0.3),
    hills=("#8B929A", "#6A7480"),
    ground=("#555E68", "#363D47"),
    wall=("#7D7474", "#575159"),
    roof="#4A3F47",
    door="#48403F",
    pane="#8A8A8A",
    light=Light(tint="#5A6270", tint_share=0.35, rim="#D6DADF", towards=(0.1, 0.9), shadow="#20252D"),
)

EVENING = Palette(
    sky=("#141B4A", "#4A4A8C", "#E09A8A"),
    orb="#FFF1D6",
    orb_at=(0.66, 0.3),
    hills=("#3C3F7A", "#2A2D60"),
    ground=("#1D2350", "#0E1230"),
    wall=("#4A4A7C", "#33335F"),
    roof="#2A2450",
    door="#1F1B40",
    pane="#FFD58A",
    light=Light(tint="#3A3A7A", tint_share=0.16, rim="#FFE6C4", towards=(0.6, 0.7), shadow="#070A20"),
    stars=0.8,
)
