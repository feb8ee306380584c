-- What keeps gallery_imagetext as titles, descriptions, file names and tags are, whoever changes
-- them. Words are compared without case and accents; what joins words in the names of files parts
-- them. A restored backup gets these first: its triggers call them, but it holds only tables.

CREATE OR REPLACE FUNCTION gallery_folded(said text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN translate(
    lower(regexp_replace(normalize(left(said, 100000), NFKD), '[\u0300-\u036f]', '', 'g')),
    '._-/\@:+', '        '
);

CREATE OR REPLACE FUNCTION gallery_write_words(images bigint[]) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT AS $$
    INSERT INTO gallery_imagetext (image_id, words)
    SELECT
        image.id,
        setweight(to_tsvector('simple', gallery_folded(image.title)), 'A')
        || setweight(to_tsvector('simple', gallery_folded(coalesce(tags.names, ''))), 'A')
        || setweight(to_tsvector('simple', gallery_folded(image.description)), 'C')
        || setweight(to_tsvector('simple', gallery_folded(image.file_name)), 'D')
    FROM gallery_image image
    LEFT JOIN LATERAL (
        SELECT string_agg(tag.name, ' ' ORDER BY tag.id) AS names
        FROM gallery_image_tags given JOIN gallery_tag tag ON tag.id = given.tag_id
        WHERE given.image_id = image.id
    ) tags ON true
    WHERE image.id = ANY(images)
    ON CONFLICT (image_id) DO UPDATE SET words = EXCLUDED.words
    WHERE gallery_imagetext.words IS DISTINCT FROM EXCLUDED.words
$$;

CREATE OR REPLACE FUNCTION gallery_images_came() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM gallery_write_words(ARRAY(SELECT id FROM changed));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION gallery_image_was_reworded() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM gallery_write_words(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION gallery_images_were_tagged() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM gallery_write_words(ARRAY(SELECT DISTINCT image_id FROM changed));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION gallery_tag_was_renamed() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM gallery_write_words(
        ARRAY(SELECT image_id FROM gallery_image_tags WHERE tag_id = NEW.id)
    );
    RETURN NULL;
END $$;
