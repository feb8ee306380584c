CREATE TRIGGER words_of_new_images AFTER INSERT ON gallery_image
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gallery_images_came();

CREATE TRIGGER words_of_reworded_image AFTER UPDATE OF title, description, file_name ON gallery_image
FOR EACH ROW WHEN (
    (OLD.title, OLD.description, OLD.file_name)
    IS DISTINCT FROM (NEW.title, NEW.description, NEW.file_name)
) EXECUTE FUNCTION gallery_image_was_reworded();

CREATE TRIGGER words_of_tagged_images AFTER INSERT ON gallery_image_tags
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gallery_images_were_tagged();

CREATE TRIGGER words_of_untagged_images AFTER DELETE ON gallery_image_tags
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gallery_images_were_tagged();

CREATE TRIGGER words_of_images_with_renamed_tag AFTER UPDATE OF name ON gallery_tag
FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name)
EXECUTE FUNCTION gallery_tag_was_renamed();

ALTER TABLE gallery_imagetext ADD CONSTRAINT words_of_image
FOREIGN KEY (image_id) REFERENCES gallery_image ON DELETE CASCADE;

SELECT gallery_write_words(ARRAY(SELECT id FROM gallery_image));
