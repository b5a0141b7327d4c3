# SPDX-License-Identifier: Apache-2.0
"""A hundred pairs of sentences, near and far, in several languages. make_reference.py takes their cosines with the real
all-MiniLM-L6-v2, which cuts texts at 256 tokens: all of these are shorter."""

# The long text of 150 words fits into 256 tokens.
LONG = ("The harbour wakes before the town does. Men in blue coats walk along the quay and look at the sky, because the sky "
        "decides how much they will earn. A small boat comes in with two crates of mackerel, and the gulls follow it like "
        "smoke. Behind the market a woman opens her bakery, puts the first loaves in the window, and writes the price on a "
        "board with white chalk. Children on their way to school stop there and count their coins. At eight the ferry leaves "
        "for the island with post, medicine, newspapers and a goat that nobody can explain. The captain reads the forecast "
        "twice, folds the paper, and says that it will rain before noon. He is usually right. When the rain comes the quay "
        "is empty, the crates are washed, and the cats of the harbour sit under the benches and wait for evening.")

NEAR = [
    ("A man is playing a guitar.", "Someone plays an instrument."), ("The cat sat on the mat.", "A cat is sitting on a rug."),
    ("How old are you?", "What is your age?"), ("I love this film.", "This movie is wonderful."),
    ("The weather is lovely today.", "It is so sunny outside."), ("He drove to the stadium.", "He went to the arena by car."),
    ("Paris is the capital of France.", "France's capital city is Paris."), ("Boil the pasta for ten minutes.", "Cook the noodles in hot water."),
    ("The stock market fell sharply.", "Shares dropped a lot today."), ("She opened the window.", "The window was opened by her."),
    ("My phone battery died.", "My mobile ran out of power."), ("The train was late again.", "Once more the train arrived with a delay."),
    ("Where can I buy stamps?", "Which shop sells postage stamps?"), ("Two dogs run through a field.", "Dogs are running on the grass."),
    ("The children built a sandcastle.", "Kids made a castle out of sand."), ("Please close the door.", "Shut the door, please."),
    ("Water freezes at 0 degrees Celsius.", "At zero degrees water turns into ice."), ("The doctor prescribed antibiotics.", "The physician gave the patient medicine."),
    ("He is afraid of spiders.", "He suffers from arachnophobia."), ("The meeting starts at 9:30.", "We meet at half past nine."),
    ("Reset my password", "I forgot my login credentials"), ("cheap flights to Rome", "low cost airline tickets to Italy"),
    ("The computer crashed.", "The PC stopped working."), ("Birds fly south in winter.", "In the cold season birds migrate to warm places."),
    ("A woman is slicing an onion.", "A lady cuts a vegetable."),
]
FAR = [
    ("A man is playing a guitar.", "The interest rate rose by 0.25 %."), ("The cat sat on the mat.", "Compile the kernel with GCC 12."),
    ("How old are you?", "The volcano erupted in 1883."), ("I love this film.", "Photosynthesis needs light."),
    ("The weather is lovely today.", "He fixed the carburettor."), ("Paris is the capital of France.", "Penguins cannot fly."),
    ("My phone battery died.", "The soup needs more salt."), ("Two dogs run through a field.", "The court dismissed the appeal."),
    ("Reset my password", "A recipe for apple pie"), ("cheap flights to Rome", "The history of the printing press"),
    ("She opened the window.", "The square root of two is irrational."), ("The computer crashed.", "Tulips bloom in April."),
    ("Where can I buy stamps?", "The violinist broke a string."), ("Please close the door.", "Mercury has no moons."),
    ("He is afraid of spiders.", "The budget was approved on Tuesday."),
]
OPPOSITE = [
    ("I like it.", "I do not like it."), ("The shop is open.", "The shop is closed."), ("Prices went up.", "Prices went down."),
    ("The patient improved.", "The patient got worse."), ("He won the match.", "He lost the match."),
    ("It is safe to drink.", "It is not safe to drink."), ("The dog bit the man.", "The man bit the dog."),
    ("Always wear a helmet.", "Never wear a helmet."), ("The file was saved.", "The file could not be saved."), ("Turn left.", "Turn right."),
]
LANGUAGES = [
    ("Guten Morgen, wie geht es dir?", "Good morning, how are you?"), ("Die Katze sitzt auf der Matte.", "The cat sat on the mat."),
    ("Je voudrais un café, s'il vous plaît.", "I would like a coffee, please."), ("Où est la gare ?", "Where is the train station?"),
    ("El perro corre por el campo.", "The dog runs through the field."), ("¿Cuántos años tienes?", "How old are you?"),
    ("Il gatto dorme sul divano.", "The cat sleeps on the sofa."), ("Ik hou van deze film.", "I love this film."),
    ("Привет, мир!", "Hello, world!"), ("Кошка сидит на коврике.", "Кот спит на диване."), ("猫がマットの上に座っている。", "猫はソファで寝ている。"),
    ("我爱这部电影。", "这部电影很棒。"), ("Xin chào các bạn", "hello, friends"), ("القط على السجادة", "قطة تنام"), ("Η γάτα κάθεται.", "Ο σκύλος τρέχει."),
    ("Kot siedzi na macie.", "Žluťoučký kůň"), ("Şehir İstanbul'da güzel.", "Istanbul is a beautiful city."), ("Größe straße ÄÖÜ", "grosse strasse aou"),
    ("naïve façade résumé", "naive facade resume"), ("Bonjour", "Bonsoir"),
]
ODD = [
    ("12345", "12346"), ("3.14159", "pi"), ("2 + 2 = 4", "two plus two equals four"), ("1,000,000", "one million"), ("v1.2.3-rc4", "version 1.2.3"),
    ("HELLO WORLD", "hello world"), ("hello    world", "hello world"), ("hello\tworld\n", "hello world"), ("?", "!"), ("a", "b"),
    ("😀 happy", "happy"), ("C++ std::vector<int>", "a list of integers"), ("https://example.com/a?b=c", "a web address"),
    ("user@example.com", "an e-mail address"), ("ａｂｃ １２３", "abc 123"), ("ﬁne ﬂow", "fine flow"), ("e\u0301clair", "éclair"),
    ("don't", "do not"), ("re-enter", "reenter"), ("supercalifragilisticexpialidocious", "a very long word"),
    ("x" * 90, "an unknown word"), ("[CLS] and [SEP]", "special tokens"), ("null", "none"), ("def f(x): return x * 2", "a function that doubles"),
    ("SELECT name FROM users WHERE id = 7;", "find the user's name"), ("Temperature: -40 °C", "very cold"), ("№ 5 § 3", "number five, section three"),
]
LONG_ONES = [(LONG, "A morning in a harbour town by the sea."), (LONG, "A guide to sorting algorithms."), (LONG, LONG.replace("rain", "snow"))]

PAIRS = NEAR + FAR + OPPOSITE + LANGUAGES + ODD + LONG_ONES

# Two more, which the engine's WordPiece reads otherwise: it does not take Hangul apart (NFD), and it knows no longest word,
# of 100 characters, beyond which a word is unknown.
ENGINE_DIFFERS = [("오늘 날씨가 좋다.", "오늘은 비가 온다.", "Hangul is not decomposed"), ("x" * 120, "an unknown word", "a word of more than 100 characters")]
