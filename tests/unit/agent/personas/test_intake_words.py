"""What cannot wait in a patient's words, and what an intake must not say."""

from pathlib import Path

import pytest

from agent.personas.intake.danger import red_flags
from agent.personas.intake.restraint import overstepping
from contracts.intakes import RedFlag

DANGER = {
    "en": {
        "I have a crushing pain in my chest": "chest_pain",
        "My chest hurts when I walk": "chest_pain",
        "I can’t breathe": "breathing",
        "I'm very short of breath since this morning": "breathing",
        "The left side of my face is drooping": "stroke",
        "I suddenly can't see, and I can't move my arm": "stroke",
        "It won't stop bleeding": "bleeding",
        "I've been coughing up blood": "bleeding",
        "I passed out twice yesterday": "unconscious",
        "My tongue is swelling after the prawns": "allergic_reaction",
        "I have no fever but my throat is closing": "allergic_reaction",
        "Sometimes I want to end my life": "self_harm",
        "I took too many pills": "overdose",
        "I'm pregnant and I am bleeding": "pregnancy",
        "I have no appetite and my chest hurts": "chest_pain",
        "I never smoked and I passed out today": "unconscious",
    },
    "es": {
        "Me duele mucho el pecho": "chest_pain",
        "Tengo un dolor muy fuerte en el pecho": "chest_pain",
        "Siento una opresión en el pecho": "chest_pain",
        "No puedo respirar bien": "breathing",
        "ME FALTA EL AIRE": "breathing",
        "Se me tuerce la boca": "stroke",
        "No puedo mover el brazo derecho": "stroke",
        "La herida no para de sangrar": "bleeding",
        "Esta mañana me he desmayado": "unconscious",
        "No tengo fiebre, pero se me hincha la lengua": "allergic_reaction",
        "A veces quiero morirme": "self_harm",
        "He tomado demasiadas pastillas": "overdose",
        "Estoy embarazada y sangrando": "pregnancy",
        "No tengo hambre y me duele el pecho": "chest_pain",
        "Me duele la espalda y el pecho": "chest_pain",
    },
}
HARMLESS = {
    "en": [
        "I have no chest pain",
        "No pain in my chest, and I don't have any trouble breathing",
        "I never passed out",
        "My knee hurts",
        "I haven't had heavy bleeding",
        "I breathe well",
        "My mother is a doctor",
        "",
    ],
    "es": [
        "No me duele el pecho",
        "No me duele la cabeza y el pecho tampoco",
        "No tengo dolor en el pecho ni dificultad para respirar",
        "Nunca me he desmayado",
        "Me duele la rodilla",
        "Respiro bien",
        "Sin hemorragia",
    ],
}
ADVICE = {
    "en": {
        "You should take ibuprofen for that.": "advice",
        "I recommend resting.": "advice",
        "You don't need a doctor for this.": "advice",
        "Stop taking the pills.": "advice",
        "It sounds like you have a migraine.": "diagnosis",
        "You probably have the flu.": "diagnosis",
        "That is a sign of an infection.": "diagnosis",
    },
    "es": {
        "Debería tomar paracetamol.": "advice",
        "Le recomiendo reposo.": "advice",
        "Tómese un ibuprofeno.": "advice",
        "No se preocupe, no es nada.": "advice",
        "Podría ser una migraña.": "diagnosis",
        "Probablemente tiene gripe.": "diagnosis",
        "Son síntomas de una infección.": "diagnosis",
    },
}
ALLOWED = {
    "en": [
        "Which medicines do you take, and how much?",
        "How strong is it from zero to ten?",
        "You take 10 mg of enalapril every morning, is that right?",
        "Thank you, I have written that down.",
        "Your clinician will answer that.",
    ],
    "es": [
        "¿Qué medicinas toma y en qué dosis?",
        "¿Desde cuándo le duele?",
        "Toma usted enalapril de 10 miligramos, ¿es correcto?",
        "Gracias, lo he anotado.",
        "Eso lo responderá su médico.",
    ],
}


PATIENTS = [
    tuple(line.split("|"))
    for line in (Path(__file__).parents[3] / "data" / "intake" / "danger.psv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def test_signs_of_danger_are_found_as_patients_say_them_and_history_is_none() -> None:
    wrong = []
    for mark, code, text, kind in PATIENTS:
        found = red_flags(text, code)
        if (RedFlag(kind) not in found) if mark == "+" else found:
            wrong.append((code, text, found))
    assert len(PATIENTS) >= 250
    assert wrong == []


OVERSTEPPING = {
    "en": [
        "You can take some ibuprofen.",
        "Maybe try some paracetamol for now.",
        "I'd suggest you rest.",
        "You might want to put ice on it.",
        "It could be appendicitis.",
        "That sounds like angina.",
        "This is likely a migraine.",
        "You seem to have the flu.",
        "Don't worry, it's normal.",
        "You'll be fine.",
        "Just drink plenty of water.",
        "You don't have to go to hospital.",
        "It's probably nothing serious.",
        "You may be having an allergic reaction.",
        "Increase the dose to 20 mg.",
        "You can stop the tablets.",
        "It is okay to take both together.",
        "Your symptoms point to an infection.",
        "I think you have asthma.",
        "Try to avoid salt.",
    ],
    "es": [
        "Puede tomar un ibuprofeno.",
        "Pruebe con paracetamol.",
        "Le sugiero que descanse.",
        "Póngase hielo.",
        "Podría ser apendicitis.",
        "Eso suena a angina de pecho.",
        "Seguramente es una migraña.",
        "Parece que tiene gripe.",
        "No se preocupe, es normal.",
        "Se pondrá bien.",
        "Beba mucha agua.",
        "No hace falta que vaya al hospital.",
        "Probablemente no es nada grave.",
        "Puede estar teniendo una reacción alérgica.",
        "Aumente la dosis a 20 mg.",
        "Puede dejar las pastillas.",
        "No pasa nada por tomar las dos.",
        "Sus síntomas apuntan a una infección.",
        "Creo que tiene asma.",
        "Intente evitar la sal.",
        "Lo que tiene es ansiedad.",
    ],
}
KEPT_TO = {
    "en": [
        "When did the pain start?",
        "Do you take any medicines?",
        "Please call 112 now.",
        "I can't give advice; your clinician will.",
        "Is there anything else you would like to add?",
        "Could you tell me your date of birth?",
        "Have you ever had an operation?",
        "Does it get worse when you walk?",
        "I will pass this on to the doctor.",
        "Are you allergic to any medicine?",
        "So you take ibuprofen twice a day.",
        "Thank you, that is noted.",
        "You told me that you have asthma.",
        "You can stop at any time.",
        "Don't worry, take your time.",
        "That sounds painful.",
        "You take 10 mg of enalapril every morning, is that right?",
        "Do you have diabetes or asthma?",
        "Try to speak a little louder, please.",
        "It may be a moment until somebody comes.",
        "You can skip this question.",
    ],
    "es": [
        "¿Cuándo empezó el dolor?",
        "¿Toma algún medicamento?",
        "Llame al 112 ahora.",
        "No puedo dar consejos; su médico lo hará.",
        "¿Desea añadir algo más?",
        "¿Puede decirme su fecha de nacimiento?",
        "¿Le han operado alguna vez?",
        "¿Empeora al caminar?",
        "Se lo pasaré al médico.",
        "¿Es alérgico a algún medicamento?",
        "Entonces toma ibuprofeno dos veces al día.",
        "Me ha dicho que tiene asma.",
        "¿Tiene usted alguna enfermedad?",
        "Puede parar cuando quiera.",
        "No se preocupe, tómese su tiempo.",
        "¿Toma pastillas para la tensión?",
        "Puede saltarse esta pregunta.",
        "¿Ha tenido asma o diabetes?",
        "Intente hablar un poco más alto, por favor.",
    ],
}


@pytest.mark.parametrize("code", ["en", "es"])
def test_advice_and_conclusions_in_other_words_are_held_back_and_questions_are_not(code: str) -> None:
    assert [text for text in OVERSTEPPING[code] if overstepping(text, code) is None] == []
    assert [text for text in KEPT_TO[code] if overstepping(text, code)] == []


@pytest.mark.parametrize(
    ("code", "text", "kind"), [(code, text, kind) for code, cases in DANGER.items() for text, kind in cases.items()]
)
def test_what_cannot_wait_is_found(code: str, text: str, kind: str) -> None:
    assert RedFlag(kind) in red_flags(text, code)


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, cases in HARMLESS.items() for text in cases])
def test_what_is_denied_or_harmless_is_not(code: str, text: str) -> None:
    assert red_flags(text, code) == ()


@pytest.mark.parametrize("code", ["en", "es"])
def test_advice_and_conclusions_are_found_and_questions_are_not(code: str) -> None:
    assert {text: overstepping(text, code) for text in ADVICE[code]} == ADVICE[code]
    assert [text for text in ALLOWED[code] if overstepping(text, code)] == []
